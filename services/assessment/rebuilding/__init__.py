"""The copy of the employees rebuilt from `profile.employees`, compared with the one in use, and repaired."""
