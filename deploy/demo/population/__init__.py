"""Who is sent: the synthetic population and its bodies of requests, pure and reproducible."""
