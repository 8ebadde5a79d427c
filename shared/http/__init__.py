"""HTTP: one application factory, problem details for every error, sessions that commit before the answer."""
