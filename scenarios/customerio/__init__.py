"""What is tried with Customer.io."""
