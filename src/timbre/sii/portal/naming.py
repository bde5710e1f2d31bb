"""Which field of a request a field of the form was filled from."""

_LINES = {
    "NMB": "item_name",
    "DSC_ITEM": "item_description",
    "QTY": "quantity",
    "UNMD": "unit",
    "PRC": "unit_price",
    "PCTD": "discount_percent",
    "SUBT": "unit_price",
    "COD": "item_code",
    "TPO_COD": "item_type_code",
    "OTRO_IMP": "other_tax",
}
_PAYMENTS = {"FCH_PAGO": "date", "MNT_PAGO": "amount", "GLOSA_PAGOS": "description"}
_PACKAGES = {
    "TPO_BULTO": "type_code",
    "CANT_BULTO": "quantity",
    "MARCAS": "marks",
    "CONTAINER": "container_id",
    "SELLO": "seal",
    "EMISOR_SELLO": "seal_issuer",
}
_OTHERS = {
    "FCH_EMIS": "date_issued",
    "FMA_PAGO": "header.payment_method",
    "FCH_VENC": "header.due_date",
    "TIPOCOMPRA_SELECT": "header.purchase_type",
    "TIPOVENTA_SELECT": "header.sale_transaction_type",
    "RUT_RECEP": "document_receiver.rut",
    "DV_RECEP": "document_receiver.rut",
    "RZN_SOC_RECEP": "document_receiver.business_name",
    "GIRO_RECEP": "document_receiver.business_activity",
    "DIR_RECEP": "document_receiver.address",
    "CMNA_RECEP": "document_receiver.district",
    "CIUDAD_RECEP": "document_receiver.city",
    "CONTACTO": "document_receiver.contact",
    "NUM_ID": "document_receiver.foreign_id",
    "NACIONALIDAD": "document_receiver.nationality_code",
    "RZN_SOC": "document_issuer.business_name",
    "GIRO_EMIS": "document_issuer.business_activity",
    "ACTECO": "document_issuer.activity_code",
    "CDG_SII_SUCUR": "document_issuer.sii_branch_code",
    "DIR_ORIGEN": "document_issuer.address",
    "CMNA_ORIGEN": "document_issuer.district",
    "CIUDAD_ORIGEN": "document_issuer.city",
    "EMAIL_EMISOR": "document_issuer.email",
    "FONO_EMISOR": "document_issuer.phone_number",
    "IND_VENTA": "transport_data.transport_type",
    "PATENTE": "transport_data.transport_plate",
    "RUT_TRANSPORTE": "transport_data.transport_rut",
    "DV_TRANSPORTE": "transport_data.transport_rut",
    "RUT_CHOFER": "transport_data.driver_rut",
    "DV_CHOFER": "transport_data.driver_rut",
    "NOMBRE_CHOFER": "transport_data.driver_name",
    "PCT_DESC": "global_adjustments.0.percent",
    "MNT_DESC": "global_adjustments.0.percent",
    "MONEDA": "export_data.currency_code",
    "TIPO_CAMBIO": "export_data.exchange_rate",
    "FMA_PAG_EXP": "export_data.export_payment_method_code",
    "IND_SERVICIO": "export_data.export_type",
    "MOD_VENTA": "export_data.sale_mode_code",
    "CLAU_VENTA": "export_data.sale_clause_code",
    "TOT_CLAU_VENTA": "export_data.sale_clause_amount",
    "VIA_TRANSP": "export_data.transport_way_code",
    "PTO_EMBARQUE": "export_data.departure_port_code",
    "PTO_DESEMB": "export_data.arrival_port_code",
    "PESO_BRUTO": "export_data.gross_weight",
    "UNID_PESO_BRUTO": "export_data.gross_weight_unit_code",
    "PESO_NETO": "export_data.net_weight",
    "UNID_PESO_NETO": "export_data.net_weight_unit_code",
    "TOT_BULTOS": "export_data.total_packages",
    "FLETE": "export_data.freight_amount",
    "SEGURO": "export_data.insurance_amount",
    "PAIS_RECEP": "export_data.receiver_country_code",
    "PAIS_DESTIN": "export_data.destination_country_code",
}


def json_path(name: str) -> str:
    """The request's field a form field was filled from, or empty."""
    bare = name.removeprefix("EFXP_").removeprefix("EDFE_")
    stem, _, number = bare.rpartition("_")
    if not number.isdigit():
        return _OTHERS.get(bare, "")
    index = int(number) - 1
    for block, fields in (("details", _LINES), ("header.payments", _PAYMENTS)):
        if stem in fields:
            return f"{block}.{index}.{fields[stem]}"
    if stem in _PACKAGES:
        return f"export_data.packages.{index}.{_PACKAGES[stem]}"
    return f"references.{index}" if "_REF" in stem or stem == "IND_GLOBAL" else ""
