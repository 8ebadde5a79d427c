"""Assessment: what was measured of a civil servant, performance, competency and potential.

Takes in scores by NIP, knows from `profile.employees` whose they are, publishes `assessment.results`.
"""

__version__ = "0.1.0"
