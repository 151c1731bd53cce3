"""What we try, and how we tell."""
