"""Customer.io, as far as customer data platforms call it: the Track API, and the people of a workspace."""
