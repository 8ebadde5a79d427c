"""Every employee's talent: both inputs joined, evaluated by policy, published."""
