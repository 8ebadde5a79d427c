"""Each program consumes the scores, keeps everybody's box and the tally, and runs until it is killed.

The libraries of those that are not ours live in an environment of their own (`requirements/comparison.txt`).
"""
