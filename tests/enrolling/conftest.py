from offices import enrolled, folios, office

__all__ = ["enrolled", "folios", "office"]
