"""The system as a site runs it: PostgreSQL, two servers of Tiled, and a proxy before them."""
