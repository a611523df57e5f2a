"""What the commune tells many people at once: the words, the ways, the price, the paper lists.

The rows are in bot.store (announcements, recipients, subscriptions, audience); what sends them
is bot.delivery.announce.
"""
