"""The same job done by four programs: ours, and the plain way with three well-known frameworks."""
