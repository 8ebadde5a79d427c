"""Why a talent stands where it stands, and what is missing to the next box."""
