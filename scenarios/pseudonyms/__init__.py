"""People out of recordings, shapes kept: invented people by a key, the same ones wherever they recur."""
