#!/usr/bin/python3
# json, re, struct, string formatting, unicode, csv, textwrap, difflib, base64, binascii, pprint, configparser, xml.
import base64, binascii, codecs, configparser, csv, difflib, io, json, pprint, re, string, struct, textwrap, unicodedata, xml.etree.ElementTree as ET

data = {"name": "kennel", "list": [1, 2.5, None, True, "ünï"], "nested": {"a": {"b": [[]]}}, "big": 2 ** 70, "small": 1e-300}
text = json.dumps(data, indent=1, sort_keys=True)
print(text, json.loads(text) == data, json.dumps(data, ensure_ascii=False)[:40])
for bad in ["{", "[1,]", "nul", '"\\x"']:
    try:
        json.loads(bad)
    except json.JSONDecodeError as e:
        print(e)
print(re.findall(r"(\w+)=(\d+)", "a=1, bb=22, c=x"), re.sub(r"(?P<x>\d)", r"<\g<x>>", "a1b2"), re.split(r"[,;]\s*", "a, b;c"))
print(re.match(r"(a+)+b", "a" * 18 + "c"), re.search(r"(?<=x)y(?!z)", "xyz xya").span(), re.fullmatch(r"(?i)HELLO", "hello") is not None)
print([m.group() for m in re.finditer(r"\b[A-Z]\w+", "One two Three")], re.compile(r"(\d+)\s(?:x|y)+").pattern)
print(struct.pack("<bHiq4sfd?", -1, 65535, -5, 2 ** 40, b"ab", 1.5, 3.25, True).hex(), struct.unpack(">HhI", b"\xff\xfe\xff\xfe\x00\x01\x00\x02"), struct.calcsize("@cq"))
print(f"{3.14159:8.3f}|{42:#x}|{'x':^7}|{1234567:,}|{0.5:%}|{-7:+05d}|{1e10:g}|{'a'!r:>6}", "%5.2f %s %r %x" % (1.005, "s", "r", 255), "{0[1]} {x.real}".format([1, 2], x=3 + 4j))
print(unicodedata.name("é"), "ﬁ".casefold(), "Straße".upper(), len("e\u0301"), unicodedata.normalize("NFC", "e\u0301") == "é", "naïve".encode("utf-8"), b"\xff".decode("latin-1"), "x\u20acy".encode("ascii", "xmlcharrefreplace"))
w = io.StringIO()
csv.writer(w).writerows([["a", 'quo"te', "com,ma"], [1, 2.5, None]])
print(repr(w.getvalue()), list(csv.DictReader(io.StringIO("x,y\n1,2\n"))))
print(textwrap.fill("some words to be filled into a narrow column of text", 20), "\n".join(difflib.unified_diff("a b c".split(), "a x c".split(), lineterm="")))
print(base64.b64encode(bytes(range(20))), binascii.crc32(b"hello"), binascii.hexlify(b"\x01\xff"), codecs.encode("rot", "rot13"), string.Template("$a $b").substitute(a=1, b=2))
pprint.pprint({k: list(range(k)) for k in range(5)}, width=30)
c = configparser.ConfigParser()
c.read_string("[s]\nkey = value\nn: 5\n")
print(c["s"]["key"], c.getint("s", "n"), ET.tostring(ET.fromstring("<r><a k='1'>t</a><b/></r>")), [e.tag for e in ET.fromstring("<r><a/><b/></r>")])
print(sorted("the quick brown fox".split(), key=len), "abc".translate(str.maketrans("ab", "xy")), "a-b_c".replace("-", "").partition("_"), "%-10s|" % "left", "tab\tx".expandtabs(4), "x".zfill(3), " s ".strip(), "a,b".rsplit(","))
words = {}
for line in open("/etc/passwd"):
    for word in re.split(r"\W+", line):
        words[word] = words.get(word, 0) + 1
print(words.get("root", 0) > 0, ord("x"), chr(0x1F600), ascii("ü"), repr("\x00\n\t'"), eval("1 + 2 * 3"), int("ff", 16), oct(8), bin(5), float("1e3"), complex("1+2j"))
