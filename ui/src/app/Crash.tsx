import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { RequestProblem } from "@/components/Problem";
import { text } from "@/text";
import classes from "./Gate.module.css";

interface Props {
  children: ReactNode;
  /** Another value makes another try, e.g. the route. */
  resetKey?: string;
}

/** Shows what broke instead of an empty page; the frame around it goes on. */
export class Crash extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: Props) {
    if (before.resetKey !== this.props.resetKey && this.state.error !== null) this.setState({ error: null });
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <div className={classes.center}>
        <h1 className={classes.title}>{text.errors.crashed}</h1>
        <RequestProblem
          error={this.state.error}
          actions={<Button onClick={() => window.location.reload()}>{text.errors.reload}</Button>}
        />
      </div>
    );
  }
}
