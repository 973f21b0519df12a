import { editedObject, type ObjectEdit } from '../core/truth/index.ts';

/** An edit as a line for a shell, every word of it quoted. */
export function kubectlCommand(edit: ObjectEdit): string {
  const { kind, namespace, name } = editedObject(edit);
  const where = namespace === undefined ? '' : ` -n ${quote(namespace)}`;
  const object = quote(`${kind.toLowerCase()}/${name}`);
  switch (edit.verb) {
    case 'patch': {
      const body = quote(JSON.stringify(edit.patch.body));
      return `kubectl${where} patch ${object} --type ${edit.patch.type} -p ${body}`;
    }
    case 'delete':
      return `kubectl${where} delete ${object}`;
    case 'create':
    case 'apply':
      return `kubectl ${edit.verb} -f - <<< ${quote(JSON.stringify(edit.manifest))}`;
  }
}

/** A single quote ends the quoted text, stands escaped, and starts it again. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
