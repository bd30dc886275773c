import { useComputedColorScheme } from '@mantine/core';
import type { RefObject } from 'react';
import { useEffect, useRef } from 'react';

export interface Surface {
  readonly context: CanvasRenderingContext2D;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Value of a CSS variable, e.g. `--bad`. */
  readonly color: (variable: string) => string;
}

/**
 * A canvas as large as the box that it lies in (`data-canvas-box`), sharp on every screen, drawn again when what it shows, its size or the
 * theme changes. Several changes within a frame are one drawing.
 */
export function useCanvas(draw: (surface: Surface) => void): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    let frame = 0;
    const redraw = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => paint(element, draw));
    };
    const observer = new ResizeObserver(redraw);
    observer.observe(boxOf(element));
    redraw();
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, [draw, scheme]);
  return canvas;
}

function boxOf(canvas: HTMLElement): Element {
  return canvas.closest('[data-canvas-box]') ?? canvas;
}

function paint(element: HTMLCanvasElement, draw: (surface: Surface) => void): void {
  const context = element.getContext('2d');
  if (context === null) return;
  const { clientWidth: width, clientHeight: height } = boxOf(element);
  const ratio = window.devicePixelRatio || 1;
  element.width = Math.round(width * ratio);
  element.height = Math.round(height * ratio);
  element.style.height = `${height}px`;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const styles = getComputedStyle(document.documentElement);
  const cache = new Map<string, string>();
  const color = (variable: string): string => {
    const known = cache.get(variable) ?? styles.getPropertyValue(variable).trim();
    cache.set(variable, known);
    return known;
  };
  draw({ context, width, height, color });
}
