"""Whose NIP is whose: the register that scores and arrivals lock, and the copy of `profile.employees`."""
