"""What follows from who somebody is and what was measured: the nine-box, the talent pools, and why.

Takes in `profile.employees` and `assessment.results`, evaluates by talent policy, publishes `placement.talents`.
"""

__version__ = "0.1.0"
