"""Large data through the whole way: a detector, the spool, the shipper, Tiled, a reader."""
