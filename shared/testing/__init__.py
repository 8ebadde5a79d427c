"""What the tests of all services, and the local stack, stand on."""
