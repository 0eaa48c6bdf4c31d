"""How a database gets from one version of the tables to the next, with what is in it."""
