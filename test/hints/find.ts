/** Finds what the programs tell people to do, in their sources: every text that becomes something called `hint`. */
import {join, relative} from 'node:path';
import {type Node, SyntaxKind} from 'typescript/unstable/ast';
import {
  isArrayLiteralExpression,
  isArrowFunction,
  isAsExpression,
  isBinaryExpression,
  isBindingElement,
  isBlock,
  isCallExpression,
  isConditionalExpression,
  isElementAccessExpression,
  isFunctionDeclaration,
  isIdentifier,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isObjectLiteralExpression,
  isParameterDeclaration,
  isParenthesizedExpression,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isReturnStatement,
  isShorthandPropertyAssignment,
  isSpreadElement,
  isStringLiteral,
  isTemplateExpression,
  isVariableDeclaration,
} from 'typescript/unstable/ast/is';
import {API, type Checker} from 'typescript/unstable/sync';

const ROOT = join(import.meta.dirname, '../..');
const ROOMS = /^(linux|windows|shared|\.ci)\//;

/** What stands before a hint in a line of a log. */
const LOGGED = '; hint: ';

/** What is put in when the program runs. */
const VALUE = '…';

/** A hint that only the running program puts together. */
const COMPUTED = `${VALUE}()`;

/** A line of a hint as a person sees it, and the file that says it. */
export type FoundLine = {file: string; line: string};

/** Every line of every hint, each once a file. Throws for a hint whose text cannot be told. */
export function findHints(): FoundLine[] {
  const api = new API({cwd: ROOT});
  try {
    const [project] = api.updateSnapshot({openProjects: [join(ROOT, 'tsconfig.json')]}).getProjects();
    if (project === undefined) throw new Error('tsconfig.json is no project');
    const finder = new Finder(project.checker);
    return project.program
      .getSourceFileNames()
      .map(name => relative(ROOT, name))
      .filter(file => ROOMS.test(file))
      .flatMap(file => {
        const source = project.program.getSourceFile(join(ROOT, file));
        const lines = source === undefined ? [] : finder.hintsIn(source).flatMap(text => text.split('\n'));
        return [...new Set(lines)].filter(line => line !== '' && line !== VALUE).map(line => ({file, line}));
      });
  } finally {
    api.close();
  }
}

class Finder {
  readonly #checker: Checker;

  constructor(checker: Checker) {
    this.#checker = checker;
  }

  /** The texts of all hints below a node. */
  hintsIn(node: Node): string[] {
    const found = this.#said(node)
      .flatMap(expression => this.#texts(expression))
      .map(text => text.split(LOGGED).at(-1) ?? '');
    node.forEachChild(child => {
      found.push(...this.hintsIn(child));
    });
    return found;
  }

  /** The expressions that this node makes a hint. */
  #said(node: Node): Node[] {
    if (isText(node) && node.getText().includes(LOGGED)) return [node];
    if (isPropertyAssignment(node) && isIdentifier(node.name)) {
      if (node.name.text === 'hint') return [node.initializer];
      // hints by their reason
      return node.name.text === 'hints' ? propertiesOf(node.initializer) : [];
    }
    if (isShorthandPropertyAssignment(node) && node.name.getText() === 'hint') return [node];
    // what is said unless somebody says more
    if (isParameterDeclaration(node) && isIdentifier(node.name) && node.name.text === 'hint')
      return node.initializer === undefined ? [] : [node.initializer];
    if (!isCallExpression(node) && !isNewExpression(node)) return [];
    const parameters = this.#checker.getResolvedSignature(node)?.getParameters() ?? [];
    const argument = node.arguments?.[parameters.findIndex(({name}) => name === 'hint')];
    return argument === undefined ? [] : [argument];
  }

  /** What an expression can be. */
  #texts(node: Node): string[] {
    if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return [node.text];
    if (isTemplateExpression(node))
      return node.templateSpans.reduce(
        (texts, {expression, literal}) => joined(joined(texts, this.#put(expression)), [literal.text]),
        [node.head.text],
      );
    if (isParenthesizedExpression(node) || isAsExpression(node)) return this.#texts(node.expression);
    if (isConditionalExpression(node)) return [...this.#texts(node.whenTrue), ...this.#texts(node.whenFalse)];
    if (isBinaryExpression(node)) {
      const [left, right] = [this.#texts(node.left), this.#texts(node.right)];
      return node.operatorToken.kind === SyntaxKind.PlusToken ? joined(left, right) : [...left, ...right];
    }
    if (isArrayLiteralExpression(node)) return node.elements.flatMap(element => this.#texts(element));
    if (isSpreadElement(node)) return this.#texts(node.expression);
    if (isIdentifier(node) || isShorthandPropertyAssignment(node)) return this.#named(node);
    if (isCallExpression(node)) return this.#called(node);
    // passed on from where it was said
    if (isPropertyAccessExpression(node) || isElementAccessExpression(node)) return [];
    throw new Error(`a hint that is ${SyntaxKind[node.kind]}: ${node.getText()}`);
  }

  /** What is put into a text: a constant of ours, or what only the running program knows. */
  #put(node: Node): string[] {
    const constant = isIdentifier(node) || isConditionalExpression(node);
    const known = constant ? this.#tryTexts(node) : [];
    return known.length === 0 || known.includes(COMPUTED) ? [VALUE] : known;
  }

  #tryTexts(node: Node): string[] {
    try {
      return this.#texts(node);
    } catch {
      return [];
    }
  }

  #named(node: Node): string[] {
    const declaration = this.#declaration(node);
    if (declaration === undefined) return [];
    if (isVariableDeclaration(declaration) && declaration.initializer !== undefined)
      return this.#texts(declaration.initializer);
    // whoever gave it is looked at as well, when it is called so
    if (isParameterDeclaration(declaration) || isBindingElement(declaration)) return [];
    throw new Error(`a hint that is nothing known: ${node.getText()}`);
  }

  #declaration(node: Node): Node | undefined {
    const symbol = isShorthandPropertyAssignment(node)
      ? this.#checker.getShorthandAssignmentValueSymbol(node)
      : this.#checker.getSymbolAtLocation(node);
    if (symbol === undefined || this.#checker.isUndefinedSymbol(symbol)) return undefined;
    const [first] = symbol.declarations;
    const declaration = first?.resolve();
    if (declaration === undefined || declaration.kind !== SyntaxKind.ImportSpecifier) return declaration;
    return this.#checker.getAliasedSymbol(symbol).declarations[0]?.resolve();
  }

  #called(node: Node & {expression: Node}): string[] {
    const {expression} = node;
    // a value, with the quotes that it needs
    if (isIdentifier(expression) && expression.text === 'shellWord') return [VALUE];
    if (isPropertyAccessExpression(expression) && expression.name.text === 'join')
      return this.#texts(expression.expression);
    const declaration = isIdentifier(expression) ? this.#declaration(expression) : undefined;
    if (declaration !== undefined && isFunctionDeclaration(declaration) && declaration.body !== undefined)
      return returned(declaration.body).flatMap(value => this.#texts(value));
    // put together by the running program
    return [COMPUTED];
  }
}

function isText(node: Node): boolean {
  return isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node) || isTemplateExpression(node);
}

/** All combinations, one after the other. */
function joined(first: readonly string[], second: readonly string[]): string[] {
  const [a, b] = [first.length === 0 ? [VALUE] : first, second.length === 0 ? [VALUE] : second];
  return a.flatMap(start => b.map(end => start + end));
}

/** The values of an object, or of the object that a function returns. */
function propertiesOf(node: Node): Node[] {
  if (isParenthesizedExpression(node)) return propertiesOf(node.expression);
  if (isArrowFunction(node)) return isBlock(node.body) ? [] : propertiesOf(node.body);
  if (!isObjectLiteralExpression(node)) return [];
  return node.properties.flatMap(property => (isPropertyAssignment(property) ? property.initializer : []));
}

/** What a function's body returns, anywhere in it. */
function returned(node: Node): Node[] {
  if (isReturnStatement(node)) return node.expression === undefined ? [] : [node.expression];
  const found: Node[] = [];
  node.forEachChild(child => {
    found.push(...returned(child));
  });
  return found;
}
