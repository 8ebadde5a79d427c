"""Talent assessments: competency as job person match (JPM), and potential, each with its validity."""
