"""What the report says, part by part, in words and formatted numbers; the templates only arrange it."""
