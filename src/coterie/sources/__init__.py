"""What the shop knows: tables read, their columns understood, values cast, and everything odd told."""
