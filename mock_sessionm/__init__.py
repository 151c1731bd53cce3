"""A fake of SessionM that enforces the documented limits and says which."""
