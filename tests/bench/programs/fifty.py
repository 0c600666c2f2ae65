"""Fifty lines such as people write: a class, a few functions, the usual containers, and something printed."""
import collections
import json


class Account:
    interest = 0.02

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self.history = []

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError(f"cannot deposit {amount}")
        self.balance += amount
        self.history.append(("deposit", amount))

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError(f"{self.owner} has only {self.balance}")
        self.balance -= amount
        self.history.append(("withdraw", amount))

    def __repr__(self):
        return f"Account({self.owner!r}, {self.balance})"


def fibonacci():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def words(text):
    return collections.Counter(w.strip(".,").lower() for w in text.split())


accounts = {name: Account(name, n) for n, name in enumerate(["ann", "bob", "cy"])}
for n, amount in zip(range(30), fibonacci()):
    try:
        account = list(accounts.values())[n % 3]
        account.deposit(amount)
        account.withdraw(amount // 2)
    except ValueError as e:
        print("refused:", e)
print(sorted(accounts.values(), key=lambda a: -a.balance))
print(words("The quick fox, the lazy dog. The end.").most_common(1))
print(json.dumps({a.owner: a.balance for a in accounts.values()}))
