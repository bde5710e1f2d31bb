"""For people: screens in Spanish over the same rows the API serves. Server-rendered; htmx for what moves."""
