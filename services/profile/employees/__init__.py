"""Employees (pegawai ASN): PNS and PPPK, kept by NIP, published as `profile.employees`."""
