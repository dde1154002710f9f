import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../api/index.ts';
import { formatLabelName, formatSeries, quote } from '../../format/series-name.ts';
import { Disclosure, Empty, FailureNotice, Loading } from '../../widgets/index.ts';
import { type Metric } from './catalogue.ts';
import classes from './explorer.module.css';

interface MetricDetailProps {
  readonly metric: Metric;
  readonly onInsert: (text: string) => void;
}

/** One metric: what it means, and the labels it can be narrowed by. */
export function MetricDetail({ metric, onInsert }: MetricDetailProps) {
  const api = useApi();
  const selector = formatSeries({ __name__: metric.name });
  const labels = useQuery({
    queryKey: ['completion', 'names', selector],
    queryFn: ({ signal }) => api.labelNames(selector, signal),
    staleTime: 60_000,
  });
  const names = labels.data?.filter((name) => name !== '__name__') ?? [];
  return (
    <div className={classes.detail}>
      <div className={classes.detailName}>{metric.name}</div>
      <div className={classes.detailHelp}>{metric.help === '' ? 'No description.' : metric.help}</div>
      <div className={classes.detailFacts}>
        Type {metric.type}
        {metric.unit !== '' && `, unit ${metric.unit}`}
      </div>
      <Button
        onClick={() => {
          onInsert(selector);
        }}
      >
        Insert
      </Button>
      {labels.isPending && <Loading label="Loading the labels" />}
      {labels.isError && <FailureNotice error={labels.error} />}
      {labels.isSuccess && names.length === 0 && <Empty>Its series have no labels.</Empty>}
      {names.map((name) => (
        <LabelValues
          key={name}
          label={name}
          selector={selector}
          onChoose={(value) => {
            onInsert(withMatcher(metric.name, name, value));
          }}
        />
      ))}
    </div>
  );
}

const withMatcher = (metric: string, label: string, value: string): string =>
  formatSeries({ __name__: metric, [label]: value });

interface LabelValuesProps {
  readonly label: string;
  readonly selector: string;
  readonly onChoose: (value: string) => void;
}

/** More values than this nobody picks from a list. */
const valueLimit = 100;

function LabelValues({ label, selector, onChoose }: LabelValuesProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Disclosure
      isOpen={isOpen}
      onToggle={() => {
        setOpen(!isOpen);
      }}
      head={<span className={classes.label}>{formatLabelName(label)}</span>}
    >
      <ValueList label={label} selector={selector} onChoose={onChoose} />
    </Disclosure>
  );
}

function ValueList({ label, selector, onChoose }: LabelValuesProps) {
  const api = useApi();
  const values = useQuery({
    queryKey: ['explorer', 'values', label, selector],
    queryFn: ({ signal }) => api.labelValues(label, selector, valueLimit, signal),
    staleTime: 60_000,
  });
  if (values.isPending) return <Loading label="Loading the values" />;
  if (values.isError) return <FailureNotice error={values.error} />;
  return (
    <div className={classes.values}>
      {values.data.map((value) => (
        <button
          key={value}
          type="button"
          className={classes.value}
          title="Insert with this label"
          onClick={() => {
            onChoose(value);
          }}
        >
          {quote(value)}
        </button>
      ))}
      {values.data.length >= valueLimit && <span className={classes.more}>The first {valueLimit} values.</span>}
    </div>
  );
}
