using System.Diagnostics.CodeAnalysis;

namespace Winnow.GpuWorker.Devices;

/// <summary>What one worker computes on as a flag or an option names it: a device, or two or four that share every layer, such as <c>cuda:0+cuda:1</c>.</summary>
public sealed class DeviceSelection
{
    /// <summary>What may be written, for messages.</summary>
    public const string Allowed = DeviceChoice.Allowed + ", or two or four of one kind joined by '+', such as cuda:0+cuda:1";

    private const char Joint = '+';

    /// <summary>Selects one device.</summary>
    public DeviceSelection(DeviceChoice choice)
        : this([choice])
    {
    }

    private DeviceSelection(DeviceChoice[] choices) => Choices = choices;

    /// <summary>The devices, in the order of their ranks: one, two or four.</summary>
    public IReadOnlyList<DeviceChoice> Choices { get; }

    /// <summary>The processor, by the CPU backend.</summary>
    public bool IsCpu => Choices[0].Kind == DeviceKind.Cpu;

    /// <summary>Reads a name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, [NotNullWhen(true)] out DeviceSelection? selection)
    {
        selection = null;
        string[] parts = (name ?? "").Split(Joint);
        var choices = new DeviceChoice[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!DeviceChoice.TryParse(parts[i], out choices[i]))
            {
                return false;
            }
        }
        bool shared = parts.Length > 1;
        if (shared && (parts.Length is not (2 or 4) || choices.Any(choice => choice.Kind is DeviceKind.Auto or DeviceKind.Cpu || choice.Kind != choices[0].Kind)))
        {
            return false;
        }
        selection = new DeviceSelection(choices);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(Joint, Choices);
}
