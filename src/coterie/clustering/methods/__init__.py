"""One estimator a file. Each takes a complete matrix; the latent-class mixture takes numbers and codes."""
