import { table } from '../widgets/index.ts';
import { type Fact } from './facts.ts';
import classes from './status.module.css';

/** Names and what they say, as a two-column table. */
export function FactTable({ title, facts }: { title: string; facts: readonly Fact[] }) {
  return (
    <section className={classes.card}>
      <h2 className={classes.cardTitle}>{title}</h2>
      <table className={table.table}>
        <tbody>
          {facts.map(([name, text]) => (
            <tr key={name}>
              <th scope="row" className={classes.factName}>
                {name}
              </th>
              <td className={table.mono}>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
