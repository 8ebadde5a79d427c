"""What must follow from what was sent, person by person and added up, by the services' own pure rules."""
