"""Rules read off what an account's bookings and leads already show. Proposals only: a person accepts them."""
