"""The 36 governments of Central Java: the province, 29 regencies, 6 cities. Reference data, never written."""
