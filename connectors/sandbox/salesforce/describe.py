"""What an object's description says."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.salesforce.schema import FieldSpec, ObjectSpec

_SOAP = {
    "boolean": "xsd:boolean", "date": "xsd:date", "datetime": "xsd:dateTime", "int": "xsd:int", "double": "xsd:double",
    "currency": "xsd:double", "percent": "xsd:double", "id": "tns:ID", "reference": "tns:ID",
}  # fmt: skip


def describe_object(spec: ObjectSpec, version: str, *, can_write: bool) -> dict[str, Any]:
    """`GET .../sobjects/<T>/describe`."""
    children = [
        {"childSObject": child.object, "field": child.field, "relationshipName": child.relationship,
         "cascadeDelete": False, "deprecatedAndHidden": False}
        for child in spec.children
    ]  # fmt: skip
    return {
        **summary(spec, version, can_write=can_write),
        "childRelationships": children,
        "fields": [_field(field, can_write=can_write) for field in spec.fields.values()],
        "recordTypeInfos": [],
    }


def summary(spec: ObjectSpec, version: str, *, can_write: bool) -> dict[str, Any]:
    """One object as the list of all objects has it."""
    base = f"/services/data/v{version}/sobjects/{spec.name}"
    return {
        "name": spec.name, "label": spec.label, "labelPlural": f"{spec.label}s", "keyPrefix": spec.prefix,
        "custom": spec.name.endswith("__c"), "createable": can_write, "updateable": can_write, "deletable": can_write,
        "queryable": True, "retrieveable": True, "replicateable": True, "searchable": spec.is_writable,
        "undeletable": spec.is_writable, "mergeable": spec.name in {"Account", "Contact"},
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
    }  # fmt: skip


def _field(field: FieldSpec, *, can_write: bool) -> dict[str, Any]:
    is_text = field.type not in {"boolean", "date", "datetime", "int", "double", "currency", "percent"}
    return {
        "name": field.name, "label": field.label, "type": field.type, "length": field.length,
        "byteLength": field.length * 3 if is_text else 0, "precision": field.precision, "scale": field.scale,
        "digits": field.precision if field.type == "int" else 0, "soapType": _SOAP.get(field.type, "xsd:string"),
        "nillable": field.is_nillable, "createable": field.is_createable and can_write,
        "updateable": field.is_updateable and can_write, "filterable": not field.is_long_text,
        "sortable": not field.is_long_text and field.type != "multipicklist", "groupable": field.is_groupable,
        "aggregatable": not field.is_long_text, "unique": field.is_unique, "caseSensitive": False,
        "externalId": field.is_external_id, "idLookup": field.type == "id" or field.is_external_id,
        "custom": field.is_custom, "calculated": field.is_calculated, "autoNumber": False,
        "defaultedOnCreate": field.is_defaulted, "defaultValue": False if field.type == "boolean" else None,
        "restrictedPicklist": field.is_restricted, "dependentPicklist": False, "controllerName": None,
        "relationshipName": field.relationship, "referenceTo": list(field.refers_to),
        "polymorphicForeignKey": len(field.refers_to) > 1, "namePointing": len(field.refers_to) > 1,
        "nameField": field.name in {"Name", "Subject"}, "htmlFormatted": False,
        "extraTypeInfo": "plaintextarea" if field.type == "textarea" else None, "permissionable": field.is_nillable,
        "deprecatedAndHidden": False, "inlineHelpText": None, "compoundFieldName": None,
        "picklistValues": [
            {"value": pick.value, "label": pick.value, "active": pick.is_active, "defaultValue": pick.is_default,
             "validFor": None}
            for pick in field.values
        ],
    }  # fmt: skip
