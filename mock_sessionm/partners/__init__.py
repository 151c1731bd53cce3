"""The neighbours that SessionM talks to, as far as they are needed beside it."""
