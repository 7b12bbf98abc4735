#!/usr/bin/env python3
"""Writes the named character references of the HTML Standard (§13.5) as a C++ table, as Python's library has them."""
import html.entities

names = html.entities.html5  # "amp;", and "amp" where it also works without the semicolon


def literal(text):
    return "".join(f"\\x{octet:02x}" for octet in text.encode())


print('#include "sanitizer/text/tables/entities.hh"\n\nnamespace sekisho::text {\n\nconstexpr NamedCharacter rows[] = {')
for name in sorted(name[:-1] for name in names if name.endswith(";")):
    print(f'    {{"{name}", "{literal(names[name + ";"])}", {"true" if name in names else "false"}}},')
print("};\n\nconst std::span<const NamedCharacter> named_characters = rows;\n\n} // namespace sekisho::text")
