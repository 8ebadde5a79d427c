"""Why an employee is in this box and not in the next, and what is missing to it."""
