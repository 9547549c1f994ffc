/**
 * Processors that no catalogue lists, as they are built for one cloud: name, TDP, cores, base and boost clock in MHz. Cores
 * and clocks are what the clouds say of their largest instances, TDP is that of the nearest listed model. Of Arm's cores,
 * which have one name in all processors, the processor that has most of them: Ampere Altra (its product brief), Graviton,
 * NVIDIA Grace (half of the 500 W of two with their memory).
 */
export const UNLISTED = `
xeon 8124m;240;18;3000;3500
xeon 8175m;240;24;2500;3100
xeon 8171m;165;26;2100;3700
xeon 8163;165;24;2500;3100
xeon 8259cl;210;24;2500;3500
xeon 8275cl;240;24;3000;3900
xeon 8269cy;205;26;2500;3800
xeon 8272cl;195;26;2600;3700
xeon 8370c;270;32;2800;3500
xeon 8375c;300;32;2900;3500
xeon 8473c;350;52;2100;3800
xeon 8481c;350;56;2000;3800
xeon 8488c;350;48;2400;3800
xeon 8559c;350;48;2400;3800
xeon 8573c;350;56;2300;4200
xeon 8581c;350;60;2300;3900
xeon e5-2666 v3;135;10;2900;3500
xeon e5-2673 v4;135;20;2300;3500
xeon e5-2676 v3;120;12;2400;3200
xeon e5-2686 v4;145;18;2300;3000
epyc 7571;200;32;2200;2900
epyc 7b12;240;64;2250;3300
epyc 7b13;280;64;2450;3500
epyc 7r13;280;48;2650;3600
epyc 7r32;280;48;2800;3300
epyc 7v12;240;64;2450;3300
epyc 7v13;280;64;2450;3700
epyc 9b14;360;96;2600;3700
epyc 9r14;360;96;2600;3700
epyc 9r45;400;96;2600;4500
epyc 9v74;360;80;2600;3700
altra q64-30;180;64;3000;3000
altra q80-30;210;80;3000;3000
altra q80-33;250;80;3300;3300
altra m128-30;250;128;3000;3000
neoverse-n1;210;64;2500;3000
neoverse-n2;250;128;2700;3000
neoverse-v1;150;64;2600;2600
neoverse-v2;250;96;2800;3100
grace superchip;250;72;3100;3200
grace;250;72;3100;3200
kunpeng 920;180;64;2600;2600
ampereone;350;192;3000;3000`
