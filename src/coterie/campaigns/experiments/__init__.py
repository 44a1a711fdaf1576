"""Campaigns as experiments: who is left out at random, how many it takes, and what the campaign brought."""
