"""What customers are worth: how often they will order and what they will spend, from their own order history."""
