"""Submissions: what callers hand in by NIP takes effect at once, or waits until the employee arrives."""
