"""Commands for operations: what a service's command line offers beside serving and migrating."""
