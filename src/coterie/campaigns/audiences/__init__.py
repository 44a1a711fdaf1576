"""Audiences: who of a segment goes to which tool, in that tool's own form, with consent and tests respected."""
