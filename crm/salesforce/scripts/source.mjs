// The project's files, read once.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { XMLParser, XMLValidator } from 'fast-xml-parser';

export const ROOT = fileURLToPath(new URL('../force-app/main/default/', import.meta.url));
const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, trimValues: true });

export const files = readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)));

export const text = (file) => readFileSync(join(ROOT, file), 'utf8');

/** A metadata file: its root element and what is below; throws when it is not well-formed. */
export function metadata(file) {
    const valid = XMLValidator.validate(text(file));
    if (valid !== true) throw new Error(`${file}:${valid.err.line}: ${valid.err.msg}`);
    const { '?xml': _, ...document } = parser.parse(text(file));
    const [[type, body]] = Object.entries(document);
    return { type, body };
}

export const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** The custom fields of each object: name → definition. */
export const objects = new Map();
for (const file of files) {
    const [, object, field] = /^objects\/(\w+)\/fields\/(\w+)\.field-meta\.xml$/.exec(file) ?? [];
    if (object) {
        if (!objects.has(object)) objects.set(object, new Map());
        objects.get(object).set(field, metadata(file).body);
    }
}
