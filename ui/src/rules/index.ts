export { Annotations } from './annotations.tsx';
export { Expression } from './expression.tsx';
